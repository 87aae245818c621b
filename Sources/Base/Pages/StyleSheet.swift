/// The only style sheet of every page. A page's policy allows the one with this sheet's digest and nothing else.
enum StyleSheet {
  static let text: StaticString = """
    :root{color-scheme:light dark;--back:#fff;--raised:#f4f6f7;--ink:#1a1f24;--muted:#58626c;--line:#d3d9de;\
    --own:#0a6b4c;--other:#a84c12}
    @media(prefers-color-scheme:dark){:root{--back:#11161a;--raised:#1a2127;--ink:#e7eaed;--muted:#a2acb5;\
    --line:#343d45;--own:#52c793;--other:#f2a65f}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,"DejaVu Sans",sans-serif}
    main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 4rem}
    h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem}
    h2{font-size:1.25rem;margin:2.8rem 0 .4rem}
    h3{font-size:1rem;margin:0 0 .3rem}
    p,ul,dl{max-width:46rem;margin:.4rem 0 .9rem}
    ul{padding-left:1.2rem}
    dt{font-weight:600;margin-top:.6rem}
    dd{margin:0}
    a{color:inherit}
    .muted,small{color:var(--muted)}
    small{display:block;font-size:.8em;line-height:1.3}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.3rem,1fr));gap:.7rem;margin:1.2rem 0}
    .tile{background:var(--raised);border:1px solid var(--line);border-radius:.4rem;padding:.6rem .8rem}
    .tile b{display:block;font-size:1.45rem;line-height:1.3;font-variant-numeric:tabular-nums}
    .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(21rem,100%),1fr));gap:1.2rem 2rem;\
    align-items:start}
    .many{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:1rem}
    .many h3{font-size:.85rem;font-weight:600;overflow-wrap:anywhere}
    figure{margin:.6rem 0}
    figcaption{color:var(--muted);font-size:.85rem;max-width:46rem}
    .scroll{overflow-x:auto;margin:.6rem 0 1rem}
    table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
    th,td{padding:.35rem .7rem;text-align:right;vertical-align:top;white-space:nowrap;\
    border-bottom:1px solid var(--line)}
    thead th{vertical-align:bottom;color:var(--muted);font-weight:600;white-space:normal;min-width:5rem}
    th:first-child,td.name,.pairs th:nth-child(2){text-align:left}
    tbody th{font-weight:600;position:sticky;left:0;background:var(--back);white-space:normal;max-width:12rem;\
    overflow-wrap:break-word}
    tr.main th,tr.main td{border-bottom:2px solid var(--ink)}
    td.undefined{color:var(--muted);white-space:normal;min-width:7rem;font-size:.85em}
    svg{display:block;width:100%;height:auto;max-width:32rem}
    svg.square{max-width:25rem}
    .map svg{min-width:52rem;max-width:58rem}
    svg text{fill:var(--ink);font:11px system-ui,"DejaVu Sans",sans-serif}
    svg .soft{fill:var(--muted)}
    svg .end{text-anchor:end}
    svg .middle{text-anchor:middle}
    svg .axis{stroke:var(--line);stroke-width:1;fill:none}
    svg .guide{stroke:var(--muted);stroke-width:1;stroke-dasharray:3 3;fill:none}
    svg .mark{fill:var(--own)}
    svg .whisker{stroke:var(--own);stroke-width:2;fill:none}
    svg .prior{stroke:var(--other);stroke-width:2;fill:none}
    svg .curve{stroke:var(--own);stroke-width:2;fill:none;stroke-linejoin:round}
    svg .bar{fill:var(--muted);fill-opacity:.45}
    svg .cell{fill:var(--own)}
    @media(max-width:40rem){th,td{padding:.3rem .4rem}thead th{min-width:0}}
    progress{width:100%;min-width:6rem;height:.8rem;accent-color:var(--own)}
    .state{font-size:1.1rem;margin:.2rem 0 1rem}
    .problem{border-left:.3rem solid var(--other);padding:.1rem .8rem;margin:.6rem 0}
    .path{overflow-wrap:anywhere}
    nav a{margin-right:1.2rem}
    .own{color:var(--own);font-weight:600}
    .other{color:var(--other);font-weight:600}
    @media print{:root{color-scheme:light;--back:#fff;--raised:#fff;--ink:#000;--muted:#444;--line:#bbb;--own:#0a6b4c;\
    --other:#a84c12}
    body{font-size:10pt}
    main{max-width:none;padding:0}
    .scroll{overflow:visible}
    table{font-size:7.5pt}
    th,td{padding:.15rem .3rem}
    tbody th{position:static}
    thead th{min-width:0}
    .map svg{min-width:0;max-width:100%}
    h2,h3,section>p{break-after:avoid}
    .tile,figure,tr,.plots>div,.many>div{break-inside:avoid}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    """
}
