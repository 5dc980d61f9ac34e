# SPDX-License-Identifier: ISC
# aws-many DIRECTORY: the aws CLI, started once for many calls, each in a fork of its own (starting
# it takes half a second, a call here two hundredths). In DIRECTORY the fifo `ask` takes a directory
# to work in, NAME=VALUE… as environment, `--`, and the arguments, each ended by a NUL; the fifo
# `told` answers with the status when `out` and `err` hold what was said.
import gc
import os
import sys

from awscli.clidriver import create_clidriver

os.chdir(sys.argv[1])
driver = create_clidriver()


def warm_up():
    """What each call would load again; a version of the CLI that has it elsewhere is only slower."""
    session = driver.session
    commands = getattr(driver, '_get_command_table', dict)()
    for service in 'autoscaling', 'ec2', 'elb', 'elbv2', 'ssm', 'sts':
        session.create_client(service, region_name='us-west-2')
        for model in session.get_paginator_model, session.get_waiter_model:
            try:
                model(service)
            except Exception:    # that service has none
                pass
        getattr(commands.get(service), '_get_command_table', dict)()
    gc.freeze()


def run(words):
    end = words.index('--')
    for word in words[1:end]:
        name, value = word.split('=', 1)
        os.environ.pop(name, None)
        if value:
            os.environ[name] = value
    os.dup2(os.open('out', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
    os.dup2(os.open('err', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
    os.chdir(words[0])
    status = driver.main(words[end + 1:])
    sys.stdout.flush()
    sys.stderr.flush()
    return status


warm_up()
while True:
    with open('ask') as ask:
        words = ask.read().split('\0')[:-1]
    child = os.fork()
    if not child:
        status = 255
        try:
            status = run(words)
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with open('told', 'w') as told:
        print(status, file=told)
