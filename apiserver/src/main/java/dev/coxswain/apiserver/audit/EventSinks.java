package dev.coxswain.apiserver.audit;

import java.util.List;

/** Several sinks, each of which gets every event; each event is counted once. */
record EventSinks(List<EventSink> sinks, AuditMetrics metrics) implements EventSink {

  @Override
  public void awaitWritable() throws InterruptedException {
    for (EventSink sink : sinks) {
      sink.awaitWritable();
    }
  }

  @Override
  public void begin(byte[] event) throws InterruptedException {
    metrics.told();
    for (EventSink sink : sinks) {
      sink.begin(event);
    }
  }

  @Override
  public void add(byte[] event) {
    metrics.told();
    sinks.forEach(sink -> sink.add(event));
  }

  @Override
  public void addAndWait(byte[] event) throws InterruptedException {
    metrics.told();
    for (EventSink sink : sinks) {
      sink.addAndWait(event);
    }
  }

  @Override
  public void close() {
    sinks.forEach(EventSink::close);
  }
}
