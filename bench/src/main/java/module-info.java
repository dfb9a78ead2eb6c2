/** JMH benchmarks: kernels, whole models, peers. */
module ocellus.bench {
  requires com.microsoft.onnxruntime;
  requires jdk.incubator.vector;
  requires jmh.core;
  requires ocellus.models;
}
