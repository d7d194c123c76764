/** Of MapLibre and of the reader of its tiles what we use: a chunk that is asked for by this list leaves out all the rest. */
export { AttributionControl, Map, NavigationControl, addProtocol, setWorkerUrl } from 'maplibre-gl';
export { Protocol } from 'pmtiles';
