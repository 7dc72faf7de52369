//go:build tools

// Package helm-controller pins the Go API types that the CRDs of imports/crds/ are generated from.
package types

import (
	_ "github.com/k3s-io/helm-controller/pkg/apis/helm.cattle.io/v1"
)
