//go:build tools

// Package cert-manager pins the Go API types that the CRDs of imports/crds/ are generated from.
package types

import (
	_ "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)
