package dev.coxswain.apiserver.audit;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.AnswerListener;
import dev.coxswain.runtime.time.Time;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is told of one request on its way. The event of an answer is in the log before the answer
 * goes out, so that what a client has seen done can be read there.
 */
public final class AuditTrail implements Annotations, AnswerListener {
  /** Nothing is told. */
  public static final AuditTrail NONE = new AuditTrail();

  private static final int UNAUTHORIZED = 401;
  private static final int INTERNAL_ERROR = 500;

  private final @Nullable EventSink log;
  private final AuditPolicy.Verdict verdict;
  private final @Nullable AuditEvent event;
  private final @Nullable Time time;
  private final AtomicBoolean complete = new AtomicBoolean();
  private volatile boolean panic;
  private volatile int streaming;

  private AuditTrail() {
    this.log = null;
    this.verdict = AuditPolicy.Verdict.NOTHING;
    this.event = null;
    this.time = null;
  }

  AuditTrail(EventSink log, AuditPolicy.Verdict verdict, AuditEvent event, Time time) {
    this.log = log;
    this.verdict = verdict;
    this.event = event;
    this.time = time;
  }

  @Override
  public void put(String key, String value) {
    if (event != null) {
      event.annotate(key, value);
    }
  }

  /** Who the request is answered for, where that is somebody else than who asks. */
  public void impersonated(UserInfo user) {
    if (event != null) {
      event.impersonated(user);
    }
  }

  /** The server failed: the answer that follows says no more than that. */
  public void panicked() {
    panic = true;
  }

  /**
   * The request has come.
   *
   * @throws dev.coxswain.api.status.ApiException where it may not go on
   */
  void received() throws InterruptedException {
    ObjectNode json = at(Stage.REQUEST_RECEIVED);
    if (json != null && log != null) {
      log.begin(Json.bytes(json));
    }
  }

  void unauthenticated(Credentials credentials) throws InterruptedException {
    ObjectNode json = at(Stage.RESPONSE_STARTED);
    if (json != null && log != null) {
      AuditEvent.status(json, UNAUTHORIZED)
          .put("status", "Failure")
          .put(
              "message",
              "Authentication failed, attempted: "
                  + (credentials.bearerToken() == null ? "x509" : "bearer"))
          .put("reason", "Unauthorized");
      log.addAndWait(Json.bytes(json));
    }
  }

  @Override
  public void answering(Answer answer) throws InterruptedException {
    if (!complete.compareAndSet(false, true)) {
      return;
    }
    ObjectNode json = at(panic ? Stage.PANIC : Stage.RESPONSE_COMPLETE);
    if (json != null && log != null && event != null) {
      event.answered(json, verdict, answer);
      log.addAndWait(Json.bytes(json));
    }
  }

  @Override
  public void streaming(int status) {
    streaming = status;
    ObjectNode json = at(Stage.RESPONSE_STARTED);
    if (json != null && log != null) {
      AuditEvent.status(json, status);
      log.add(Json.bytes(json));
    }
  }

  /** The server is done with the request; tells of one that was never answered. */
  public void finished() {
    if (streaming == 0) {
      over();
    }
  }

  @Override
  public void over() {
    if (!complete.compareAndSet(false, true)) {
      return;
    }
    ObjectNode json = at(panic ? Stage.PANIC : Stage.RESPONSE_COMPLETE);
    if (json != null && log != null) {
      int code = streaming;
      AuditEvent.status(json, code == 0 ? INTERNAL_ERROR : code);
      log.add(Json.bytes(json));
    }
  }

  private @Nullable ObjectNode at(Stage stage) {
    return event != null && time != null && verdict.tells(stage)
        ? event.at(stage, verdict.level(), time.now())
        : null;
  }
}
