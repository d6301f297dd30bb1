package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.server.leader.LogAppender;

/**
 * When followers are told what was committed, so that their watches and reads are not behind. Under
 * load the next entry tells them; once no entry follows, an empty message does. (Ratis can instead
 * write every commit index into the log: an entry and a flush more for each batch.)
 */
final class CommitNews {
  private final Time time;
  private final Duration heartbeat;
  private final Set<LogAppender> appenders = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean beating = new AtomicBoolean();
  private volatile boolean entryFollows;

  /**
   * News for followers that also hear from their leader at least so often. Ratis' own heartbeats
   * come at half the election timeout, so that one that is late makes a follower stand.
   */
  CommitNews(Time time, Duration heartbeat) {
    this.time = time;
    this.heartbeat = heartbeat;
  }

  void join(LogAppender appender) {
    appenders.add(appender);
    if (beating.compareAndSet(false, true)) {
      beatLater();
    }
  }

  private void beatLater() {
    time.after(heartbeat, this::beat);
  }

  // Only a leader has appenders; without any, nothing is timed.
  private void beat() {
    for (LogAppender appender : appenders) {
      long silent = appender.getFollower().getLastRpcSendTime().elapsedTimeMs();
      if (silent >= heartbeat.toMillis() / 2) {
        appender.triggerHeartbeat();
      }
    }
    if (!appenders.isEmpty()) {
      beatLater();
      return;
    }
    beating.set(false);
    if (!appenders.isEmpty() && beating.compareAndSet(false, true)) {
      beatLater();
    }
  }

  void leave(LogAppender appender) {
    appenders.remove(appender);
  }

  /** An entry is on its way, and will carry the news. */
  void entryFollows() {
    entryFollows = true;
  }

  /** No entry is on its way: tell now. */
  void quiet() {
    entryFollows = false;
    appenders.forEach(LogAppender::notifyLogAppender);
  }

  boolean due() {
    return !entryFollows;
  }
}
