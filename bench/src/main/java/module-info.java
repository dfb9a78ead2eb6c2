/** JMH benchmarks: kernels, whole models, peers. */
module ocellus.bench {
  requires ocellus.models;
}
