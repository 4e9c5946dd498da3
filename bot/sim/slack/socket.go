package slack

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxSockets = 10
	pingEvery  = 10 * time.Second
	ticketLife = 30 * time.Second
	// farewellTime is how long a client has to go by itself.
	farewellTime = 10 * time.Second
	// maxAck is where Slack silently drops an acknowledgement.
	maxAck = 20 * 1024
	// refreshAfter is the connection time that hello promises; a client in
	// debug mode (debug_reconnects) gets the short one.
	refreshAfter = 4 * time.Hour
	refreshDebug = 6 * time.Minute
)

// socket is one Socket Mode connection. Frames are queued, never written by
// the caller, so that a client that does not read delays nobody else.
type socket struct {
	conn *websocket.Conn
	out  chan []byte   // frames to write
	over chan struct{} // closed by cut
	gone bool          // over is closed; under Server.mu
	// spare is one too many: it is told so and gets no envelopes.
	spare bool
	life  time.Duration // until Slack asks for a new connection
}

// cut ends a connection as a broken line does: no close frame. The caller
// holds Server.mu.
func (k *socket) cut() {
	if !k.gone {
		k.gone = true
		close(k.over)
		_ = k.conn.UnderlyingConn().Close()
	}
}

// send queues a frame; a queue that is full is a line that is dead.
func (k *socket) send(frame []byte) bool {
	if k.gone {
		return false
	}
	select {
	case k.out <- frame:
		return true
	default:
		k.cut()
		return false
	}
}

// Connections says how many sockets are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connected()
}

// connected counts the sockets that envelopes can go to.
func (s *Server) connected() int {
	n := 0
	for _, k := range s.sockets {
		if !k.gone && !k.spare {
			n++
		}
	}
	return n
}

// serveSocket takes a connection whose ticket is good and reads from it until
// it ends. It runs in the HTTP server's goroutine and counts as ours.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.redeem(r.URL.Query().Get("ticket")) {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	life := refreshAfter
	if r.URL.Query().Get("debug_reconnects") == "true" {
		life = refreshDebug
	}
	s.mu.Lock()
	k := s.open(conn, life)
	s.mu.Unlock()
	if k == nil {
		_ = conn.UnderlyingConn().Close()
		return
	}
	defer s.live.Done()
	s.changed()
	s.read(k)
	s.do(func() {
		k.cut()
		s.sockets = slices.DeleteFunc(s.sockets, func(x *socket) bool { return x == k })
	})
}

// redeem spends a ticket of apps.connections.open: once, and within 30 s.
func (s *Server) redeem(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.tickets[ticket]
	delete(s.tickets, ticket)
	return ok && time.Since(at) <= ticketLife
}

// open registers a connection, greets it, and starts its writer. The eleventh
// is told that it is one too many and takes part in nothing.
func (s *Server) open(conn *websocket.Conn, life time.Duration) *socket {
	if s.stopped {
		return nil
	}
	k := &socket{conn: conn, life: life, out: make(chan []byte, 4096), over: make(chan struct{})}
	s.live.Add(1) // the reader's, ended by serveSocket
	s.spawn(func() { s.write(k) })
	k.spare = s.connected() >= maxSockets
	s.sockets = append(s.sockets, k)
	if k.spare {
		k.send(s.farewell("too_many_websockets"))
		s.after(farewellTime, func() { k.cut() })
		return k
	}
	k.send(encode(map[string]any{
		"type": "hello", "num_connections": s.connected(),
		"connection_info": map[string]any{"app_id": s.opt.AppID},
		"debug_info": map[string]any{
			"host": "pretend-1", "build_number": 1, "approximate_connection_time": int(life.Seconds()),
		},
	}))
	return k
}

// farewell is the frame that asks a client to go and come back.
func (s *Server) farewell(reason string) []byte {
	return encode(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "pretend-1"}})
}

// write sends what is queued, pings, and near the end of the connection's life
// asks for a new one, until the connection is over.
func (s *Server) write(k *socket) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	age := time.NewTimer(k.life - farewellTime)
	defer age.Stop()
	farewells := []string{"warning", "refresh_requested"}
	for {
		var err error
		select {
		case <-k.over:
			return
		case frame := <-k.out:
			err = k.conn.WriteMessage(websocket.TextMessage, frame)
		case <-tick.C:
			err = k.conn.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(pingEvery))
		case <-age.C:
			if len(farewells) == 0 {
				err = websocket.ErrCloseSent
				break
			}
			err = k.conn.WriteMessage(websocket.TextMessage, s.farewell(farewells[0]))
			farewells = farewells[1:]
			age.Reset(farewellTime)
		}
		if err != nil {
			s.mu.Lock()
			k.cut()
			s.mu.Unlock()
			return
		}
	}
}

// read takes acknowledgements until the connection ends. A client that goes
// without a close frame (1006) is the normal case.
func (s *Server) read(k *socket) {
	k.conn.SetPongHandler(func(string) error { return nil })
	for {
		_, frame, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		s.do(func() { s.acknowledge(frame) })
	}
}

// pick chooses one connection at random, as Slack does; nil if none is open.
func (s *Server) pick() *socket {
	var open []*socket
	for _, k := range s.sockets {
		if !k.gone && !k.spare {
			open = append(open, k)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return open[s.random.IntN(len(open))]
}

// Disconnect sends every open socket the disconnect frame with a reason:
// warning, refresh_requested, link_disabled or too_many_websockets. A warning
// is followed by refresh_requested after 10 s, anything else by the end: Slack
// closes after 10 s what the client has not closed by itself. It says how many
// sockets were told.
func (s *Server) Disconnect(reason string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := slices.Clone(s.sockets)
	s.sendAway(told, reason)
	return len(told)
}

func (s *Server) sendAway(told []*socket, reason string) {
	for _, k := range told {
		k.send(s.farewell(reason))
	}
	s.after(farewellTime, func() {
		if reason == "warning" {
			s.sendAway(told, "refresh_requested")
			return
		}
		for _, k := range told {
			k.cut()
		}
	})
}

// Drop cuts up to n sockets, oldest first, without a word; n < 0 cuts all. It
// says how many were cut.
func (s *Server) Drop(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	cut := 0
	for _, k := range s.sockets {
		if !k.gone && (n < 0 || cut < n) {
			k.cut()
			cut++
		}
	}
	return cut
}

// Inject sends a frame as it is, well-formed or not, to one connection. It
// says whether there was one.
func (s *Server) Inject(frame []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.pick()
	return k != nil && k.send(frame)
}

// encode never fails on what this package makes: maps of plain values.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("slack: encode: " + err.Error())
	}
	return b
}
