package sim

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page/*.html page/*.css page/*.js page/*.svg
var pageFiles embed.FS

// page serves the browser page. Its files come with the program, so a browser
// must ask again each time: the next program may bring others.
func page() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic("sim: page: " + err.Error()) // the name is a constant
	}
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuse(w, http.StatusMethodNotAllowed, "the page can only be read")
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		server.ServeHTTP(w, r)
	})
}
