package bot

import "amsbot/scenarios"

// Nearest is what somebody most likely meant who typed a word that is not known;
// "" where none of the known ones is near.
func Nearest(word string, known []string) string { return scenarios.Nearest(word, known) }
