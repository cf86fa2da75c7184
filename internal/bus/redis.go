package bus

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	defaultPrefix = "lotse:"
	// defaultSilence is after how long without a word a subscription asks
	// whether the server is still there, and then how long it waits for the
	// answer.
	defaultSilence = 3 * time.Second
	// clusterShards is how many hash slots the topics of a cluster spread over;
	// a subscription holds at most as many connections.
	clusterShards = 16
)

// init silences the logger that go-redis keeps for the whole process: it prints
// addresses to standard error. What matters comes back as errors.
func init() { redis.SetLogger(silence{}) }

type silence struct{}

// Printf implements the logger of go-redis.
func (silence) Printf(context.Context, string, ...any) {}

// Redis is the bus of any number of nodes. Hints go by pub/sub, by sharded
// pub/sub where the server is a cluster.
type Redis struct {
	client  redis.UniversalClient
	cluster bool
	prefix  string
	shards  int
	silence time.Duration
	log     *slog.Logger

	mu     sync.Mutex
	closed bool
	subs   map[*redisSubscription]struct{}
}

// NewRedis returns the bus on the server that rawURL names:
//
//	redis://[user:password@]host:port/db     rediss:// with TLS
//	redis://host:port?cluster=1&addr=host2:port2&addr=…
//
// Further parameters are those of go-redis (dial_timeout, pool_size, …) and
// prefix, which is put before every key and channel (default "lotse:"). No
// connection is made yet; see Ping.
func NewRedis(rawURL string, log *slog.Logger) (*Redis, error) {
	malformed := errors.New("bus: the Redis url is malformed") // the cause may quote the password
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, malformed
	}
	query := u.Query()
	r := &Redis{
		prefix: defaultPrefix, shards: 1, silence: defaultSilence, log: log,
		subs: map[*redisSubscription]struct{}{},
	}
	if query.Has("prefix") {
		r.prefix = query.Get("prefix")
	}
	if r.cluster, err = strconv.ParseBool(query.Get("cluster")); err != nil && query.Has("cluster") {
		return nil, errors.New("bus: cluster must be 0 or 1 in the Redis url")
	}
	query.Del("prefix")
	query.Del("cluster")
	u.RawQuery = query.Encode()
	if r.client, err = r.newClient(u.String()); err != nil {
		return nil, malformed
	}
	return r, nil
}

// newClient speaks RESP2, in which everything a subscription receives comes
// through one door, and tells the server nothing about the library.
func (r *Redis) newClient(rawURL string) (redis.UniversalClient, error) {
	if r.cluster {
		r.shards = clusterShards
		options, err := redis.ParseClusterURL(rawURL)
		if err != nil {
			return nil, err
		}
		options.Protocol, options.DisableIdentity, options.ContextTimeoutEnabled = 2, true, true
		return redis.NewClusterClient(options), nil
	}
	options, err := redis.ParseURL(rawURL)
	if err != nil {
		return nil, err
	}
	options.Protocol, options.DisableIdentity, options.ContextTimeoutEnabled = 2, true, true
	return redis.NewClient(options), nil
}

// shard returns the number of the line that carries topic.
func (r *Redis) shard(topic string) int {
	if r.shards == 1 {
		return 0
	}
	h := fnv.New32a()
	h.Write([]byte(topic))
	return int(h.Sum32() % uint32(r.shards))
}

// channel returns the name under which topic travels. In a cluster the braces
// keep all topics of a shard on one slot.
func (r *Redis) channel(topic string) string {
	if !r.cluster {
		return r.prefix + topic
	}
	return r.shardPrefix(r.shard(topic)) + topic
}

func (r *Redis) shardPrefix(shard int) string {
	if !r.cluster {
		return r.prefix
	}
	return r.prefix + "{" + strconv.Itoa(shard) + "}"
}

// Publish implements Bus.
func (r *Redis) Publish(ctx context.Context, topic string, payload []byte) error {
	return r.explain("publish", r.publish(ctx, r.client, topic, payload).Err())
}

func (r *Redis) publish(ctx context.Context, to redis.Cmdable, topic string, payload []byte) *redis.IntCmd {
	if r.cluster {
		return to.SPublish(ctx, r.channel(topic), payload)
	}
	return to.Publish(ctx, r.channel(topic), payload)
}

// PublishAll implements Bus.
func (r *Redis) PublishAll(ctx context.Context, hints []Message) error {
	if len(hints) == 1 {
		return r.Publish(ctx, hints[0].Topic, hints[0].Payload)
	}
	_, err := r.client.Pipelined(ctx, func(line redis.Pipeliner) error {
		for _, h := range hints {
			r.publish(ctx, line, h.Topic, h.Payload)
		}
		return nil
	})
	return r.explain("publish", err)
}

// Ping implements Bus.
func (r *Redis) Ping(ctx context.Context) error {
	return r.explain("ping", r.client.Ping(ctx).Err())
}

// Run implements Bus. Redis forgets by itself, so there is nothing to do.
func (r *Redis) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Close implements Bus.
func (r *Redis) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	subs := r.subs
	r.subs = map[*redisSubscription]struct{}{}
	r.mu.Unlock()
	for sub := range subs {
		sub.Close()
	}
	return r.client.Close()
}

func (r *Redis) explain(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.ErrClosed):
		return ErrClosed
	default:
		return fmt.Errorf("bus: %s: %w", op, err)
	}
}

// Presence is a sorted set of members by expiry beside a hash of their values,
// kept by scripts so that the clock of the server alone decides.
var (
	touchScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local life = math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[3]))
redis.call('PEXPIRE', KEYS[1], life)
redis.call('PEXPIRE', KEYS[2], life)
return 1`)
	leaveScript = redis.NewScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])`)
	presentScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
return redis.call('HGETALL', KEYS[2])`)
)

// presenceKeys names the two keys of a set; the braces keep them on one slot.
func (r *Redis) presenceKeys(set string) []string {
	return []string{r.prefix + "{" + set + "}:until", r.prefix + "{" + set + "}:value"}
}

// Touch implements Bus.
func (r *Redis) Touch(ctx context.Context, set, member string, value []byte, ttl time.Duration) error {
	err := touchScript.Run(ctx, r.client, r.presenceKeys(set), member, value, ttl.Milliseconds()).Err()
	return r.explain("touch", err)
}

// Leave implements Bus.
func (r *Redis) Leave(ctx context.Context, set, member string) error {
	return r.explain("leave", leaveScript.Run(ctx, r.client, r.presenceKeys(set), member).Err())
}

// Present implements Bus.
func (r *Redis) Present(ctx context.Context, set string) (map[string][]byte, error) {
	pairs, err := presentScript.Run(ctx, r.client, r.presenceKeys(set)).StringSlice()
	if err != nil {
		return nil, r.explain("present", err)
	}
	all := make(map[string][]byte, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		all[pairs[i]] = []byte(pairs[i+1])
	}
	return all, nil
}
