// Package crowd is people who use a server of Lotse at the same time: seekers,
// counsellors, and some who mean no good. Each is one goroutine with a line of
// package chat/client, real encryption and a source of chance of its own, and
// writes down what it sees in a history.Log.
//
// What a person does depends only on what it is told and on its chance; it never
// repairs what a server did wrong.
package crowd
