package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/distribution/distribution/v3/configuration"
)

const (
	probeTimeout  = 5 * time.Second
	probeInterval = 10 * time.Second
)

// prepareForOffline lets `serve CONFIG` start without its upstream. The pull-through cache asks the upstream for its way of
// authentication when it starts, and ends when there is no answer; after a power cut at a site whose uplink is down too, the
// images on the disk would then be out of reach. So, with no answer, the proxy is switched off and the same storage is served
// as it is; once the upstream answers, the process ends cleanly and its service manager starts it again as a cache.
func prepareForOffline(args []string) error {
	if len(args) != 2 || args[0] != "serve" {
		return nil
	}
	file, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer file.Close()
	settings, err := configuration.Parse(file)
	if err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	upstream := settings.Proxy.RemoteURL
	if upstream == "" || answers(upstream) {
		return nil
	}
	fmt.Fprintf(os.Stderr, "offline: %s does not answer; serving what is cached until it does\n", upstream)
	for variable, value := range map[string]string{
		"REGISTRY_PROXY_REMOTEURL": "",
		// Nobody may push into the cache.
		"REGISTRY_STORAGE_MAINTENANCE": "{readonly: {enabled: true}, uploadpurging: {enabled: false}}",
	} {
		if err := os.Setenv(variable, value); err != nil {
			return err
		}
	}
	go func() {
		for !answers(upstream) {
			time.Sleep(probeInterval)
		}
		fmt.Fprintf(os.Stderr, "offline: %s answers again; starting anew as its cache\n", upstream)
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
	}()
	return nil
}

// answers tells whether the registry can be reached; what it answers does not matter.
func answers(upstream string) bool {
	client := http.Client{Timeout: probeTimeout}
	response, err := client.Get(strings.TrimSuffix(upstream, "/") + "/v2/")
	if err != nil {
		return false
	}
	response.Body.Close()
	return true
}
