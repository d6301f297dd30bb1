package dev.coxswain.controllers;

import dev.coxswain.controllers.manager.ControllerManager;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.EventRecorder;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The controllers' events, each told under its controller's own name; bounded by those. */
final class Events implements ControllerManager.EventSink, AutoCloseable {
  private final Map<String, EventRecorder> recorders = new ConcurrentHashMap<>();
  private final ApiClient api;
  private final String host;
  private final Time time;

  Events(ApiClient api, String host, Time time) {
    this.api = api;
    this.host = host;
    this.time = time;
  }

  @Override
  public void event(
      String controller, HasMetadata about, boolean warning, String reason, String message) {
    recorders
        .computeIfAbsent(controller, name -> new EventRecorder(api, name, host, time))
        .event(about, warning, reason, message);
  }

  @Override
  public void close() {
    recorders.values().forEach(EventRecorder::close);
  }
}
