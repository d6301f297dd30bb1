/**
 * Reads objects in Kubernetes' binary form, which Go clients write by default, as the JSON that
 * everything else works on. The shapes of the messages are a table made during the build.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.protobuf;
