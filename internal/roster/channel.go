package roster

import "slices"

// Channel is a way in which people reach a team.
type Channel string

// The channels, in the order in which they are listed and stored.
const (
	Chat    Channel = "chat"
	Message Channel = "message"
	Phone   Channel = "phone"
	Video   Channel = "video"
)

// Channels returns every channel in listing order.
func Channels() []Channel { return []Channel{Chat, Message, Phone, Video} }

// ordered returns the channels of list in listing order, each once, dropping
// unknown ones.
func ordered(list []Channel) []Channel {
	return slices.DeleteFunc(Channels(), func(c Channel) bool {
		return !slices.Contains(list, c)
	})
}

// split divides list into the channels that an override of channel o touches
// and the rest; o is empty for all channels.
func split(list []Channel, o Channel) (touched, rest []Channel) {
	for _, c := range list {
		if o == "" || c == o {
			touched = append(touched, c)
		} else {
			rest = append(rest, c)
		}
	}
	return touched, rest
}
