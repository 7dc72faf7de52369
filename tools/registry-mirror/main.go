// Command registry-mirror is the CNCF distribution registry as a pull-through cache, with the file-system driver only and two
// additions that a small site needs: cached blobs are checked before they are served (verify_digest.go), and the cache
// starts and serves what it has while the registry behind it can't be reached (offline.go).
package main

import (
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/proxy"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	if err := prepareForOffline(os.Args[1:]); err != nil {
		os.Stderr.WriteString("registry-mirror: " + err.Error() + "\n")
		os.Exit(1)
	}
	if err := registry.RootCmd.Execute(); err != nil {
		os.Exit(1)
	}
}
