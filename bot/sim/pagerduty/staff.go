package pagerduty

import "slices"

// Hire gives the account one more user.
func (s *Server) Hire(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.Users = append(slices.Clip(s.opt.Users), u) // those of before are pointed to
}

// Rename gives a user, by ID, another login address; "" takes it away, as when
// they have left: whoever acts in that name is refused.
func (s *Server) Rename(id, email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.user(id); u != nil {
		u.Email = email
	}
}
