/* SPDX-License-Identifier: ISC
 * What differs between services of the query, EC2 and JSON protocols. */
#include <stddef.h>
#include <string.h>

#include "endpoint.h"

#define QUERY(name, prefix, signing, version, id)                                                  \
	{                                                                                          \
		name, AWS_QUERY, prefix, signing, version, NULL, NULL, id, false                   \
	}
#define JSON(name, prefix, signing, target, version, id)                                           \
	{                                                                                          \
		name, AWS_JSON, prefix, signing, NULL, target, version, id, false                  \
	}

static const struct aws_service services[] = {
    JSON("acm", "acm", NULL, "CertificateManager", "1.1", "ACM"),
    JSON("application-autoscaling", "application-autoscaling", NULL, "AnyScaleFrontendService",
	 "1.1", "APPLICATION_AUTO_SCALING"),
    QUERY("autoscaling", "autoscaling", NULL, "2011-01-01", "AUTO_SCALING"),
    QUERY("cloudformation", "cloudformation", NULL, "2010-05-15", "CLOUDFORMATION"),
    JSON("cloudtrail", "cloudtrail", NULL, "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
	 "1.1", "CLOUDTRAIL"),
    QUERY("cloudwatch", "monitoring", NULL, "2010-08-01", "CLOUDWATCH"),
    JSON("codebuild", "codebuild", NULL, "CodeBuild_20161006", "1.1", "CODEBUILD"),
    JSON("codedeploy", "codedeploy", NULL, "CodeDeploy_20141006", "1.1", "CODEDEPLOY"),
    JSON("dynamodb", "dynamodb", NULL, "DynamoDB_20120810", "1.0", "DYNAMODB"),
    {"ec2", AWS_EC2, "ec2", NULL, "2016-11-15", NULL, NULL, "EC2", false},
    JSON("ecr", "api.ecr", "ecr", "AmazonEC2ContainerRegistry_V20150921", "1.1", "ECR"),
    JSON("ecs", "ecs", NULL, "AmazonEC2ContainerServiceV20141113", "1.1", "ECS"),
    QUERY("elasticache", "elasticache", NULL, "2015-02-02", "ELASTICACHE"),
    QUERY("elasticbeanstalk", "elasticbeanstalk", NULL, "2010-12-01", "ELASTIC_BEANSTALK"),
    QUERY("elb", "elasticloadbalancing", NULL, "2012-06-01", "ELASTIC_LOAD_BALANCING"),
    QUERY("elbv2", "elasticloadbalancing", NULL, "2015-12-01", "ELASTIC_LOAD_BALANCING_V2"),
    JSON("events", "events", NULL, "AWSEvents", "1.1", "EVENTBRIDGE"),
    {"iam", AWS_QUERY, "iam", NULL, "2010-05-08", NULL, NULL, "IAM", true},
    JSON("kinesis", "kinesis", NULL, "Kinesis_20131202", "1.1", "KINESIS"),
    JSON("kms", "kms", NULL, "TrentService", "1.1", "KMS"),
    JSON("logs", "logs", NULL, "Logs_20140328", "1.1", "CLOUDWATCH_LOGS"),
    QUERY("rds", "rds", NULL, "2014-10-31", "RDS"),
    QUERY("redshift", "redshift", NULL, "2012-12-01", "REDSHIFT"),
    JSON("resourcegroupstaggingapi", "tagging", NULL, "ResourceGroupsTaggingAPI_20170126", "1.1",
	 "RESOURCE_GROUPS_TAGGING_API"),
    {"s3", AWS_REST, "s3", NULL, NULL, NULL, NULL, "S3", false},
    JSON("secretsmanager", "secretsmanager", NULL, "secretsmanager", "1.1", "SECRETS_MANAGER"),
    JSON("service-quotas", "servicequotas", NULL, "ServiceQuotasV20190624", "1.1",
	 "SERVICE_QUOTAS"),
    QUERY("ses", "email", "ses", "2010-12-01", "SES"),
    QUERY("sns", "sns", NULL, "2010-03-31", "SNS"),
    JSON("sqs", "sqs", NULL, "AmazonSQS", "1.0", "SQS"),
    JSON("ssm", "ssm", NULL, "AmazonSSM", "1.1", "SSM"),
    {"sso", AWS_REST, "portal.sso", NULL, NULL, NULL, NULL, "SSO", false},
    {"sso-oidc", AWS_REST, "oidc", NULL, NULL, NULL, NULL, "SSO_OIDC", false},
    JSON("stepfunctions", "states", NULL, "AWSStepFunctions", "1.0", "SFN"),
    QUERY("sts", "sts", NULL, "2011-06-15", "STS"),
};

const struct aws_service *aws_service(const char *name)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (!strcmp(services[i].name, name))
			return &services[i];
	return NULL;
}

const char *aws_service_signing(const struct aws_service *s)
{
	return s->signing ? s->signing : s->prefix;
}
