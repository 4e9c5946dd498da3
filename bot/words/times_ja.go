package words

// timesJA are durations.
var timesJA = map[string]string{
	"took.least": "1 ms 未満",
	"took.ms":    "%s ms",
	"took.s":     "%s 秒",
	"took.min":   "%s 分",
	"took.h":     "%s 時間",
	"took.d":     "%s 日",
}
