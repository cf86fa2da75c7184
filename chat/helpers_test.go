package chat

import "lotse/internal/seal"

// epochs reads the epochs of a conversation as the server keeps them.
func (r *rig) epochs(id ID) []seal.Epoch {
	r.t.Helper()
	list, err := loadEpochs(r.t.Context(), r.db, r.keys, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}
