/** Tensors, kernels and layers. Depends on the JDK alone. */
module ocellus.engine {
  requires jdk.incubator.vector;

  exports ocellus.engine;
  exports ocellus.engine.kernels;
  exports ocellus.engine.layers;
  exports ocellus.engine.threads;
}
