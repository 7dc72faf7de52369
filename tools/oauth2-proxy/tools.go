//go:build tools

// Package tools keeps the programs built here as direct requirements of go.mod, where they are pinned.
package tools

import (
	_ "github.com/oauth2-proxy/oauth2-proxy/v7"
)
