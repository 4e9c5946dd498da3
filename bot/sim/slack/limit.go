package slack

import "time"

// bucket counts the calls of the last minute, or of one channel's posts.
type bucket struct {
	hits []time.Time
	// tokens and at are those of a channel: one a second, five at once.
	tokens float64
	at     time.Time
}

// perMinute are the tiers. Slack publishes lower bounds for 1 to 4; "special"
// (5) is several hundred a minute and unmeasured.
var perMinute = map[int]int{1: 1, 2: 20, 3: 50, 4: 100, 5: 600}

const postBurst = 5

// limit says how long the caller has to wait; 0 lets the call through. Limits
// are per method, and for chat.postMessage per channel as well.
func (s *Server) limit(q *request, tier int) time.Duration {
	if s.opt.NoLimits {
		return 0
	}
	now := time.Now()
	if q.method == "chat.postMessage" {
		if wait := s.bucket("channel " + q.args["channel"]).take(now); wait > 0 {
			return wait
		}
	}
	b, most := s.bucket(q.method), perMinute[tier]
	for len(b.hits) > 0 && now.Sub(b.hits[0]) >= time.Minute {
		b.hits = b.hits[1:]
	}
	if len(b.hits) >= most {
		return b.hits[0].Add(time.Minute).Sub(now)
	}
	b.hits = append(b.hits, now)
	return 0
}

func (s *Server) bucket(name string) *bucket {
	b := s.buckets[name]
	if b == nil {
		b = &bucket{tokens: postBurst, at: time.Now()}
		s.buckets[name] = b
	}
	return b
}

// take takes one of a channel's posts: one a second, with a burst of five.
func (b *bucket) take(now time.Time) time.Duration {
	b.tokens = min(postBurst, b.tokens+now.Sub(b.at).Seconds())
	b.at = now
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) * float64(time.Second))
	}
	b.tokens--
	return 0
}
