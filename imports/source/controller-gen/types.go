//go:build tools

// Package controller-gen pins the Go API types that the CRDs of imports/crds/ are generated from.
package types

import (
	_ "sigs.k8s.io/controller-tools/cmd/controller-gen"
)
