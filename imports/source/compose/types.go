// Package compose pins the module that publishes the schema of the Compose specification.
package compose

import _ "github.com/compose-spec/compose-go/v2/schema"
