package words

// fitsJA are the reasons why a scenario fits an incident or does not, by what
// package scenarios found.
var fitsJA = map[string]string{
	"fits.none":        "インシデントに値がありません",
	"fits.other":       "%s は %s に一致しません",
	"fits.others":      "%s は %s のいずれにも一致しません",
	"fits.false":       "%s が成り立ちません",
	"fits.undecided":   "%s の真偽を判定できません",
	"fits.missing":     "%s がありません",
	"fits.no_text":     "%s は文字列ではありません",
	"fits.nothing":     "%s: 値がありません",
	"fits.list":        "%s: リストまたはマッピングで、文字列ではありません",
	"fits.differs":     "未解決のアラートの間で %s が異なります",
	"fits.differ":      "未解決のアラートの間で %s が異なります",
	"fits.is":          "%s は %s",
	"fits.is_list":     "%s はリストまたはマッピング",
	"fits.more":        "ほか",
	"fits.trouble":     "式を計算できません: %s",
	"fits.no_target":   "指定がありません",
	"fits.target_odd":  "文字列ではありません",
	"fits.empty":       "空です",
	"fits.long":        "%s 文字を超えています",
	"fits.unseen":      "表示できない文字が含まれています",
	"fits.holds_one":   "条件（1 件）に合致",
	"fits.holds":       "条件 %s 件すべてに合致",
	"fits.tie":         "。ただし %s の条件にも合致し、どれかに決められません",
	"fits.exact":       "。ただし %s の条件の方が詳細です（%s 件）",
	"fits.exacts":      "。ただし %s の条件の方が詳細です",
	"fits.open":        "。ただし未解決のアラートの間で値が異なり、より詳細な条件のシナリオの可能性が残ります",
	"fits.but_differs": "。ただし未解決のアラートの間で %s が異なります",
	"fits.but_differ":  "。ただし未解決のアラートの間で %s が異なります",
}
