package words

// slackEN are the texts that bot/slack says itself: modals, Home, field names.
var slackEN = map[string]string{}
