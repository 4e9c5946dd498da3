package slack

// Rename gives a user another e-mail address.
func (s *Server) Rename(user, email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.users {
		if s.users[i].ID == user {
			s.users[i].Email = email
		}
	}
}
