package dev.coxswain.apiserver.audit;

import dev.coxswain.api.json.Json;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Leaves the bodies out of events that are too long, and says so in an annotation. One that is too
 * long even then is lost, which is counted.
 *
 * @param sink who gets the events
 * @param maxBytes how long an event may be
 */
record TruncatingSink(EventSink sink, int maxBytes, AuditMetrics metrics) implements EventSink {
  private static final Logger log = LoggerFactory.getLogger(TruncatingSink.class);

  private static final String PLUGIN = "truncate";
  private static final String ANNOTATION = "audit.k8s.io/truncated";

  private Optional<byte[]> fitting(byte[] event) {
    if (event.length <= maxBytes) {
      return Optional.of(event);
    }
    ObjectNode object = Json.parseObject(event);
    if (object.has("requestObject") || object.has("responseObject")) {
      object.remove("requestObject");
      object.remove("responseObject");
      Json.ensureObject(object, "annotations").put(ANNOTATION, "true");
      byte[] shorter = Json.bytes(object);
      if (shorter.length <= maxBytes) {
        return Optional.of(shorter);
      }
    }
    metrics.failed(PLUGIN, 1);
    log.warn(
        "audit: event {} is too large even without bodies and is lost",
        Json.text(object, "auditID"));
    return Optional.empty();
  }

  @Override
  public void awaitWritable() throws InterruptedException {
    sink.awaitWritable();
  }

  @Override
  public void begin(byte[] event) throws InterruptedException {
    Optional<byte[]> fitting = fitting(event);
    if (fitting.isPresent()) {
      sink.begin(fitting.get());
    }
  }

  @Override
  public void add(byte[] event) {
    fitting(event).ifPresent(sink::add);
  }

  @Override
  public void addAndWait(byte[] event) throws InterruptedException {
    Optional<byte[]> fitting = fitting(event);
    if (fitting.isPresent()) {
      sink.addAndWait(fitting.get());
    }
  }

  @Override
  public void close() {
    sink.close();
  }
}
