#!/bin/sh
# SPDX-License-Identifier: ISC
# Requests and answers as data: HAR records, and which hosts plain http may be used to.
. "$(dirname "$0")/lib.sh"

t 'plain http: loopback and the metadata services, and no host that only looks so' '
	cat >want <<-"END"
		1 http://127.0.0.1/
		1 http://127.8.9.1:80/x
		1 http://localhost
		1 http://LOCALHOST:99?a@b
		1 http://[::1]:80/
		1 http://[0:0:0:0:0:0:0:1]/
		1 http://[fd00:ec2::254]
		1 http://[fd00:ec2:0::23]/a
		1 http://169.254.169.254/latest
		1 http://169.254.170.2/x
		1 http://169.254.170.23/x
		1 http://metadata.google.internal/computeMetadata/v1/
		1 http://me:secret@127.0.0.1/
		0 http://127.0.0.1@evil.com/
		0 http://127.0.0.1:80@evil.com/
		0 http://127.0.0.1.evil.com
		0 http://127.0.0.1\@evil.com/
		0 http://evil.com\@127.0.0.1/
		0 http://evil.com#@localhost
		0 http://evil.com/?@127.0.0.1
		0 http://a@b@localhost/
		0 http://localhost@evil.com@localhost/
		0 http://localhost.evil.com/
		0 http://localhost%2eevil.com/
		0 http://localhost:80:90/
		0 http:///localhost
		0 http:/127.0.0.1
		0 http://[::1]evil/
		0 http://[::1%25lo]/
		0 http://[::2]/
		0 http://[]/
		0 http://[
		0 http://::1/
		0 http://127.1/
		0 http://0x7f.0.0.1/
		0 http://2130706433/
		0 http://0.0.0.0/
		0 http://128.0.0.1/
		0 http://169.254.169.253/latest
		0 //127.0.0.1/
		0 127.0.0.1
		0 /
		0 
	END
	sed "s/^..//" want | "$build/unit/http-data" plain >got
	same want got
'
t 'a request comes back as it was' '
	cat >want <<-"END"
		{"kind":"http-request","method":"POST","url":"https://a/b c?é","headers":[{"name":"A","value":" b "},{"name":"a","value":"ü"},{"name":"Content-Type","value":"x/y"}],"postData":{"mimeType":"x/y","text":"h\u0000i"}}
		{"kind":"http-request","method":"GET","url":"http://a","headers":[]}
		{"kind":"http-request","method":"PUT","url":"http://a","headers":[],"postData":{"mimeType":"","text":"/w==","encoding":"base64"}}
	END
	"$build/unit/http-data" records <want >got
	same want got
'
t 'mimeType is the Content-Type, lines are unfolded, HTTP/2 fields dropped' '
	printf "%s\n" "{\"kind\":\"http-request\",\"method\":\"POST\",\"url\":\"https://a/\",\"headers\":[{\"name\":\":path\",\"value\":\"/\"},{\"name\":\"A\",\"value\":\"b\\r\\n  c\\nd\"}],\"postData\":{\"mimeType\":\"x/y\",\"text\":\"h\"}}" >in
	"$build/unit/http-data" records <in >got
	cat >want <<-"END"
		{"kind":"http-request","method":"POST","url":"https://a/","headers":[{"name":"A","value":"b c d"},{"name":"Content-Type","value":"x/y"}],"postData":{"mimeType":"x/y","text":"h"}}
	END
	same want got
'
t 'an answer comes back as it was; of its request no credential is shown' '
	cat >in <<-"END"
		{"kind":"http-response","status":404,"statusText":"Not Found","headers":[{"name":"X y","value":"z"}],"content":{"size":1,"mimeType":"","text":"/w==","encoding":"base64"},"startedDateTime":"2026-11-20T12:00:00.123Z","time":7,"timings":{"dns":-1,"connect":0,"ssl":-1,"send":1,"wait":2,"receive":3},"request":{"kind":"http-request","method":"GET","url":"https://a/?X-Amz-Date=1&x=2&X-Amz-Signature=3&X-Amz-Security-Token=4#f","headers":[{"name":"Authorization","value":"secret"},{"name":"x-auth-token","value":"secret"},{"name":"A","value":"b"}]}}
	END
	"$build/unit/http-data" records <in >got
	sed "s/\"secret\"/\"***\"/g; s/Date=1/Date=***/; s/Signature=3/Signature=***/; s/Token=4/Token=***/" in >want
	same want got
'
t 'what is no answer' '
	echo "{\"kind\":\"http-response\",\"request\":{\"method\":\"GET\",\"url\":\"http://a\"}}" >in
	"$build/unit/http-data" records <in >got
	grep -qx "no answer" got
'
done_testing
