package words

// fitsEN are the reasons why a scenario fits an incident or does not, by what
// package scenarios found. In English they are its own sentences, as authors read
// them on the command line; a test holds that.
var fitsEN = map[string]string{
	"fits.none":        "the incident has none",
	"fits.other":       "%s is not %s",
	"fits.others":      "%s is none of %s",
	"fits.false":       "%s is false",
	"fits.undecided":   "%s is neither true nor false",
	"fits.missing":     "%s is missing",
	"fits.no_text":     "%s is no text",
	"fits.nothing":     "%s: it is nothing",
	"fits.list":        "%s: it is a list or a mapping, no text",
	"fits.differs":     "%s differs between the open alerts",
	"fits.differ":      "%s differ between the open alerts",
	"fits.is":          "%s is %s",
	"fits.is_list":     "%s is a list or a mapping",
	"fits.more":        "…",
	"fits.trouble":     "%s",
	"fits.no_target":   "there is none",
	"fits.target_odd":  "it is no text",
	"fits.empty":       "it is empty",
	"fits.long":        "it is longer than %s characters",
	"fits.unseen":      "it has characters that cannot be shown",
	"fits.holds_one":   "its one condition holds",
	"fits.holds":       "all %s conditions hold",
	"fits.tie":         ", and so do those of %s: nothing decides between them",
	"fits.exact":       ", but %s is more exact with %s",
	"fits.exacts":      ", but %s are more exact",
	"fits.open":        ", but a value that differs between the open alerts keeps a more exact scenario open",
	"fits.but_differs": ", but %s differs between the open alerts",
	"fits.but_differ":  ", but %s differ between the open alerts",
}
