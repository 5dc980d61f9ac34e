module doctl-pinned

go 1.25.0

require github.com/digitalocean/doctl v1.166.0
