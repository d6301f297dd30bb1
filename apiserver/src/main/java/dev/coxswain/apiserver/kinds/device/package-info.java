/** Devices that pods can claim. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.device;
