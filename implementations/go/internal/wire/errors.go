package wire

import "errors"

// Code is the number of an error of the catalogue.
type Code int

// The errors of the catalogue that this server uses. OutcomeUnknown it never sends: it
// decides by itself, and knows what it has decided.
const (
	BadJSON            Code = 4000
	SchemaInvalid      Code = 4001
	UnknownType        Code = 4002
	UnsupportedVersion Code = 4003
	BadToken           Code = 4004
	Unauthenticated    Code = 4010
	CredentialExpired  Code = 4011
	Revoked            Code = 4013
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
	OutcomeUnknown     Code = 5040
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
	Revoked:            {"REVOKED", false},
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
	OutcomeUnknown:     {"OUTCOME_UNKNOWN", true},
}

// Refusal is the error object of the protocol. It is data and no error, so it
// never becomes an error that is not nil and holds nothing; Refuse makes the
// errors that carry one.
type Refusal struct {
	Code         Code     `json:"code"`
	Name         string   `json:"name"`
	Message      string   `json:"message"`
	Retryable    bool     `json:"retryable"`
	RetryAfterMS *int64   `json:"retry_after_ms,omitempty"`
	Details      *Details `json:"details,omitempty"`
}

// Details says more about a refusal, by its code.
type Details struct {
	Pointer   *string  `json:"pointer,omitempty"`
	Supported []string `json:"supported,omitempty"`
	Revision  int64    `json:"revision,omitempty"`
	Expected  int64    `json:"expected,omitempty"`
}

// AppendJSON implements Appender.
func (c Code) AppendJSON(b []byte) []byte { return Append(b, int64(c)) }

// refused is a refusal on its way through the server.
type refused struct{ refusal Refusal }

// Error implements error.
func (r refused) Error() string { return r.refusal.Name + ": " + r.refusal.Message }

func refusal(code Code, message string) Refusal {
	c := codes[code]
	return Refusal{Code: code, Name: c.name, Message: message, Retryable: c.retryable}
}

// Refuse makes an error that carries the refusal of a code.
func Refuse(code Code, message string) error { return refused{refusal(code, message)} }

// RefuseDetailed is Refuse with details.
func RefuseDetailed(code Code, message string, details Details) error {
	r := refusal(code, message)
	r.Details = &details
	return refused{r}
}

// RefuseLater is Refuse for a retryable code, and says when the same bytes are
// welcome again.
func RefuseLater(code Code, message string, afterMS int64) error {
	r := refusal(code, message)
	r.RetryAfterMS = &afterMS
	return refused{r}
}

// RefuseVersion says which versions are spoken.
func RefuseVersion() error {
	return RefuseDetailed(
		UnsupportedVersion, "This server speaks 1.0; offer it.", Details{Supported: []string{Version}},
	)
}

// RefusalOf returns the refusal that an error carries; nil where it is nil, or
// a fault of another sort.
func RefusalOf(err error) *Refusal {
	var r refused
	if !errors.As(err, &r) {
		return nil
	}
	return &r.refusal
}

// CodeOf returns the code of the refusal that an error carries, 0 for none.
func CodeOf(err error) Code {
	if r := RefusalOf(err); r != nil {
		return r.Code
	}
	return 0
}
