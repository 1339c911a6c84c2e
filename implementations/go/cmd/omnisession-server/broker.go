package main

import (
	"crypto/tls"
	"os"

	"github.com/nats-io/nats.go"
)

// brokerOptions reads the variables beside NATS_URL by which the conformance
// kit, and the nats CLI, tell how a broker is reached. User, password or token
// that stand in the address count before them.
func brokerOptions() ([]nats.Option, error) {
	var options []nats.Option
	if user, set := os.LookupEnv("NATS_USER"); set {
		options = append(options, nats.UserInfo(user, os.Getenv("NATS_PASSWORD")))
	}
	if token := os.Getenv("NATS_TOKEN"); token != "" {
		options = append(options, nats.Token(token))
	}
	if file := os.Getenv("NATS_CREDS"); file != "" {
		options = append(options, nats.UserCredentials(file))
	}
	if file := os.Getenv("NATS_NKEY"); file != "" {
		nkey, err := nats.NkeyOptionFromSeed(file)
		if err != nil {
			return nil, err
		}
		options = append(options, nkey)
	}
	if file := os.Getenv("NATS_CA"); file != "" {
		options = append(options, nats.RootCAs(file))
	}
	if cert, key := os.Getenv("NATS_CERT"), os.Getenv("NATS_KEY"); cert != "" && key != "" {
		options = append(options, nats.ClientCert(cert, key))
	}
	if name := os.Getenv("NATS_TLS_SERVER_NAME"); name != "" {
		options = append(options, serverName(name))
	}
	if os.Getenv("NATS_TLS_FIRST") == "true" {
		options = append(options, nats.TLSHandshakeFirst())
	}
	return options, nil
}

// serverName has the broker's certificate checked for a name of its own.
func serverName(name string) nats.Option {
	return func(o *nats.Options) error {
		if o.TLSConfig == nil {
			o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		o.TLSConfig.ServerName = name
		o.Secure = true
		return nil
	}
}
