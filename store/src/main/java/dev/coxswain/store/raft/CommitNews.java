package dev.coxswain.store.raft;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.server.leader.LogAppender;

/**
 * When followers are told what was committed, so that their watches and reads are not behind. Under
 * load the next entry tells them; once no entry follows, an empty message does. (Ratis can instead
 * write every commit index into the log: an entry and a flush more for each batch.)
 */
final class CommitNews {
  private final Set<LogAppender> appenders = ConcurrentHashMap.newKeySet();
  private volatile boolean entryFollows;

  void join(LogAppender appender) {
    appenders.add(appender);
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
