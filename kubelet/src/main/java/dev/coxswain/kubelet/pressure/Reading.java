package dev.coxswain.kubelet.pressure;

/** How much of a resource is there, and how much of it is free, in the resource's own unit. */
public record Reading(long available, long capacity) {}
