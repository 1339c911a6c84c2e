package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/nats-io/nuid"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

const serviceName = "omnisession"

// discover answers as a NATS micro-service. The shapes are those of nats.go's
// package micro; its service is not used, because it answers to any reply
// subject, also one on which the asker may not publish (SEC-001).
func (s *Server) discover() error {
	identity := micro.ServiceIdentity{
		Name: serviceName, ID: nuid.Next(), Version: Version,
		Metadata: map[string]string{
			"protocol": wire.Version,
			"profiles": strings.Join(s.hub.Profiles(), ","),
			"limits":   string(wire.Marshal(s.hub.Limits())),
		},
	}
	started := time.Now().UTC()
	bodies := map[micro.Verb]func() any{
		micro.PingVerb: func() any { return micro.Ping{ServiceIdentity: identity, Type: micro.PingResponseType} },
		micro.InfoVerb: func() any {
			return micro.Info{
				ServiceIdentity: identity, Type: micro.InfoResponseType,
				Description: "Omnisession server", Endpoints: []micro.EndpointInfo{},
			}
		},
		micro.StatsVerb: func() any {
			return micro.Stats{
				ServiceIdentity: identity, Type: micro.StatsResponseType,
				Started: started, Endpoints: []*micro.EndpointStats{},
			}
		},
	}
	for verb, body := range bodies {
		for _, name := range [][2]string{{}, {serviceName}, {serviceName, identity.ID}} {
			subject, err := micro.ControlSubject(verb, name[0], name[1])
			if err != nil {
				return fmt.Errorf("discovery: %w", err)
			}
			sub, err := s.nc.Subscribe(subject, func(msg *nats.Msg) { s.present(msg, body()) })
			if err != nil {
				return fmt.Errorf("subscribe to %s: %w", subject, err)
			}
			s.subs = append(s.subs, sub)
		}
	}
	return nil
}

func (s *Server) present(msg *nats.Msg, body any) {
	if !answerable(msg.Reply) {
		return
	}
	data, err := json.Marshal(body)
	if err == nil {
		err = s.nc.Publish(msg.Reply, data)
	}
	if err != nil {
		s.log.Error("discovery was not answered", "error", err)
	}
}
