// Command registry-mirror is the CNCF distribution registry with the file-system driver only and one addition: the
// storage middleware "verify-digest", which checks every cached blob before it is served (see verify_digest.go).
package main

import (
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/proxy"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	if err := registry.RootCmd.Execute(); err != nil {
		os.Exit(1)
	}
}
