// Package guards takes out, one by one, what keeps cpsync from sending an order twice
// and from saying what is not so, and looks who notices: the fault matrix, the tests
// beside the code, the exploration. It has tests and nothing else.
//
// A guard that nobody would miss is either not needed or not tested. docs/developers/guards.md
// shows the table of who missed what; make guards takes everything out again and writes
// it anew.
package guards
