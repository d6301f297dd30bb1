/** {@code KubeSchedulerConfiguration} files. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.config;
