// Package wire holds what goes over the wire: strict JSON, the canonical form,
// tokens of subjects, the messages of the protocol and the checks that a
// message passes before a server acts on it.
//
// Everything that the server sends is written in the form of RFC 8785. It is
// plain JSON, so nobody else has to know; but a digest is then the hash of
// the very bytes that go out, and the size of a text is the size it has there.
package wire
