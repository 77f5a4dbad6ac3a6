(function(d){
function each(s,f,r){Array.prototype.forEach.call((r||d).querySelectorAll(s),f)}
each('.copy',function(b){b.hidden=false;b.onclick=function(){
var c=d.getElementById(b.getAttribute('data-for')),s=getSelection(),r=d.createRange(),done=false;
function say(ok){b.textContent=b.getAttribute(ok?'data-done':'data-fail')}
r.selectNodeContents(c);s.removeAllRanges();s.addRange(r);
try{done=d.execCommand('copy')}catch(e){}
if(!done&&navigator.clipboard)navigator.clipboard.writeText(c.textContent).then(function(){say(true)},function(){say(false)});
else say(done)}});
each('.print',function(b){b.hidden=false;b.onclick=function(){print()}});
each('form',function(f){
function able(on){each('button',function(b){b.disabled=!on},f)}
f.addEventListener('submit',function(){setTimeout(function(){able(false)})});
addEventListener('pageshow',function(){able(true)});
if(f.hasAttribute('data-auto'))f.submit()});
var wait=+d.body.getAttribute('data-refresh');
if(wait)setTimeout(function(){location.replace(location.href)},wait*1000);
})(document)
