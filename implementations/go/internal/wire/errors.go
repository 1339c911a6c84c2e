package wire

// Code is the number of an error of the catalogue.
type Code int

// The errors of the catalogue that this server uses.
const (
	BadJSON            Code = 4000
	SchemaInvalid      Code = 4001
	UnknownType        Code = 4002
	UnsupportedVersion Code = 4003
	BadToken           Code = 4004
	Unauthenticated    Code = 4010
	CredentialExpired  Code = 4011
	Forbidden          Code = 4030
	IdentityMismatch   Code = 4031
	NotFound           Code = 4040
	SessionUnknown     Code = 4041
	RevisionConflict   Code = 4090
	ClientSeqGap       Code = 4091
	ActionIDReused     Code = 4092
	SessionClosed      Code = 4101
	TooLarge           Code = 4130
	RuleViolation      Code = 4220
	RateLimited        Code = 4290
	TooManySessions    Code = 4291
	Internal           Code = 5000
	Unavailable        Code = 5030
)

var codes = map[Code]struct {
	name      string
	retryable bool
}{
	BadJSON:            {"BAD_JSON", false},
	SchemaInvalid:      {"SCHEMA_INVALID", false},
	UnknownType:        {"UNKNOWN_TYPE", false},
	UnsupportedVersion: {"UNSUPPORTED_VERSION", false},
	BadToken:           {"BAD_TOKEN", false},
	Unauthenticated:    {"UNAUTHENTICATED", false},
	CredentialExpired:  {"CREDENTIAL_EXPIRED", false},
	Forbidden:          {"FORBIDDEN", false},
	IdentityMismatch:   {"IDENTITY_MISMATCH", false},
	NotFound:           {"NOT_FOUND", false},
	SessionUnknown:     {"SESSION_UNKNOWN", false},
	RevisionConflict:   {"REVISION_CONFLICT", false},
	ClientSeqGap:       {"CLIENT_SEQ_GAP", true},
	ActionIDReused:     {"ACTION_ID_REUSED", false},
	SessionClosed:      {"SESSION_CLOSED", false},
	TooLarge:           {"TOO_LARGE", false},
	RuleViolation:      {"RULE_VIOLATION", false},
	RateLimited:        {"RATE_LIMITED", true},
	TooManySessions:    {"TOO_MANY_SESSIONS", false},
	Internal:           {"INTERNAL", true},
	Unavailable:        {"UNAVAILABLE", true},
}

// Error is the error object of the protocol.
type Error struct {
	Code         Code     `json:"code"`
	Name         string   `json:"name"`
	Message      string   `json:"message"`
	Retryable    bool     `json:"retryable"`
	RetryAfterMS *int64   `json:"retry_after_ms,omitempty"`
	Details      *Details `json:"details,omitempty"`
}

// Details says more about an error, by its code.
type Details struct {
	Pointer   *string  `json:"pointer,omitempty"`
	Supported []string `json:"supported,omitempty"`
	Revision  int64    `json:"revision,omitempty"`
	Expected  int64    `json:"expected,omitempty"`
}

// AppendJSON implements Appender.
func (c Code) AppendJSON(b []byte) []byte { return Append(b, int64(c)) }

// Error implements error; a refusal travels through the server as one.
func (e *Error) Error() string { return e.Name + ": " + e.Message }

// Refuse makes an error of a code.
func Refuse(code Code, message string) *Error {
	c := codes[code]
	return &Error{Code: code, Name: c.name, Message: message, Retryable: c.retryable}
}

// RefuseVersion says which versions are spoken.
func RefuseVersion() *Error {
	e := Refuse(UnsupportedVersion, "This server speaks 1.0; offer it.")
	e.Details = &Details{Supported: []string{Version}}
	return e
}

// RefuseBusy says when the same bytes are welcome again.
func RefuseBusy(afterMS int64) *Error {
	e := Refuse(RateLimited, "Too much at once; wait a moment and send it again.")
	e.RetryAfterMS = &afterMS
	return e
}
