// Package actions has the tests that run the workflows in a workflow engine.
package actions
