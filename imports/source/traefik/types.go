//go:build tools

// Package traefik pins the Go API types that the CRDs of imports/crds/ are generated from.
package types

import (
	_ "github.com/traefik/traefik/v3/pkg/provider/kubernetes/crd/traefikio/v1alpha1"
)
