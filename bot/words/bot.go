package words

// botEN are the texts of package bot: cards, notes, answers.
var botEN = map[string]string{}
